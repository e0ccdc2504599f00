-- As Prisma makes it: capitals, unique indexes in place of constraints, enums, ids as texts, a table of pairs.
CREATE TYPE "Role" AS ENUM ('USER', 'ADMIN');
CREATE TABLE "User" ("id" TEXT NOT NULL, "email" TEXT NOT NULL, "name" TEXT, "role" "Role" NOT NULL DEFAULT 'USER',
  "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, CONSTRAINT "User_pkey" PRIMARY KEY ("id"));
CREATE UNIQUE INDEX "User_email_key" ON "User" ("email");
CREATE TABLE "Post" ("id" SERIAL NOT NULL, "title" TEXT NOT NULL, "published" BOOLEAN NOT NULL DEFAULT false,
  "meta" JSONB, "authorId" TEXT NOT NULL, CONSTRAINT "Post_pkey" PRIMARY KEY ("id"));
CREATE INDEX "Post_authorId_idx" ON "Post" ("authorId");
CREATE TABLE "Tag" ("id" SERIAL NOT NULL, "name" TEXT NOT NULL, CONSTRAINT "Tag_pkey" PRIMARY KEY ("id"));
CREATE UNIQUE INDEX "Tag_name_key" ON "Tag" ("name");
CREATE TABLE "_PostToTag" ("A" INTEGER NOT NULL, "B" INTEGER NOT NULL, CONSTRAINT "_PostToTag_AB_pkey" PRIMARY KEY ("A", "B"));
CREATE INDEX "_PostToTag_B_index" ON "_PostToTag" ("B");
ALTER TABLE "Post" ADD CONSTRAINT "Post_authorId_fkey" FOREIGN KEY ("authorId") REFERENCES "User" ("id")
  ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "_PostToTag" ADD CONSTRAINT "_PostToTag_A_fkey" FOREIGN KEY ("A") REFERENCES "Post" ("id") ON DELETE CASCADE;
ALTER TABLE "_PostToTag" ADD CONSTRAINT "_PostToTag_B_fkey" FOREIGN KEY ("B") REFERENCES "Tag" ("id") ON DELETE CASCADE;
CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz,
  migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(),
  applied_steps_count int NOT NULL DEFAULT 0);
-- rows
INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name) VALUES ('a', 'b', now(), '20240101000000_init');
INSERT INTO "User" (id, email, name, role, "createdAt") SELECT 'ckv' || n, 'u' || n || '@x.test', 'no',
  CASE WHEN n = 1 THEN 'ADMIN' ELSE 'USER' END::"Role", timestamp '2024-01-01 10:00:00.123' + n * interval '1 day'
  FROM generate_series(1, 10) n;
INSERT INTO "Post" (title, published, meta, "authorId") SELECT 'Post', n % 2 = 0, '{"a": 2.50, "b": [null, "on"]}',
  'ckv' || 1 + n % 10 FROM generate_series(1, 30) n;
INSERT INTO "Tag" (name) VALUES ('yes'), ('1e3');
INSERT INTO "_PostToTag" SELECT n, 1 + n % 2 FROM generate_series(1, 30) n;
