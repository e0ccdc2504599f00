//DEPS org.flywaydb:flyway-database-postgresql:13.12.0
//DEPS io.github.java-diff-utils:java-diff-utils:4.16
//SOURCES ../base/package-info.java
//SOURCES ../sql/package-info.java
//SOURCES ../db/package-info.java
//SOURCES ../schema/package-info.java
//SOURCES ../backup/package-info.java
//SOURCES Baseline.java
//SOURCES BlockingSession.java
//SOURCES DiffStatements.java
//SOURCES Drift.java
//SOURCES DryRun.java
//SOURCES EnumUndo.java
//SOURCES FlywayErrors.java
//SOURCES FlywayHistory.java
//SOURCES FlywaySetup.java
//SOURCES Generator.java
//SOURCES LockRetry.java
//SOURCES Migration.java
//SOURCES MigrationEvent.java
//SOURCES MigrationFiles.java
//SOURCES MigrationRun.java
//SOURCES MigrationRunner.java
//SOURCES MigrationScript.java
//SOURCES MigrationStatement.java
//SOURCES Migrator.java
//SOURCES NonTransactionalRunner.java
//SOURCES RenameCandidates.java
//SOURCES Repair.java
//SOURCES Rollback.java
//SOURCES RollbackImpact.java
//SOURCES SchemaDiff.java
//SOURCES SchemaRecord.java
//SOURCES StatementAdvice.java
//SOURCES StatementText.java
//SOURCES TrialPlan.java
//SOURCES Validator.java
//FILES migrations/V1__identity.sql=../../../migrations/V1__identity.sql
//FILES migrations/U1__identity.sql=../../../migrations/U1__identity.sql
//FILES migrations/V2__access_control.sql=../../../migrations/V2__access_control.sql
//FILES migrations/U2__access_control.sql=../../../migrations/U2__access_control.sql
//FILES migrations/V3__savings.sql=../../../migrations/V3__savings.sql
//FILES migrations/U3__savings.sql=../../../migrations/U3__savings.sql
//FILES migrations/V4__groups.sql=../../../migrations/V4__groups.sql
//FILES migrations/U4__groups.sql=../../../migrations/U4__groups.sql
//FILES migrations/V5__notifications.sql=../../../migrations/V5__notifications.sql
//FILES migrations/U5__notifications.sql=../../../migrations/U5__notifications.sql
//FILES migrations/V6__analytics.sql=../../../migrations/V6__analytics.sql
//FILES migrations/U6__analytics.sql=../../../migrations/U6__analytics.sql
//FILES migrations/V7__plan_safeguards.sql=../../../migrations/V7__plan_safeguards.sql
//FILES migrations/U7__plan_safeguards.sql=../../../migrations/U7__plan_safeguards.sql
//FILES migrations/V8__payment_source.sql=../../../migrations/V8__payment_source.sql
//FILES migrations/U8__payment_source.sql=../../../migrations/U8__payment_source.sql
//FILES migrations/V9__bank_accounts.sql=../../../migrations/V9__bank_accounts.sql
//FILES migrations/U9__bank_accounts.sql=../../../migrations/U9__bank_accounts.sql
//FILES migrations/lint.ignore=../../../migrations/lint.ignore
//FILES avdaily/migrate/enum-undo-defaults.sql=enum-undo-defaults.sql
//FILES avdaily/migrate/enum-undo-drops.sql=enum-undo-drops.sql
//FILES avdaily/migrate/enum-undo-moves.sql=enum-undo-moves.sql

/**
<<<<<<< HEAD
 * Brings a schema forward and back: the history is Flyway's own table, undo scripts are proven, drift is named by object.
 * Only this room knows Flyway; it promises that what runs is what was planned and shown.
=======
 * Brings a schema forward and back: the history is Flyway's own table, undo scripts are proven, drift is named by
 * object, lint tries statements for real. Only this room knows Flyway. What runs is what was planned and shown.
>>>>>>> r-migrate
 */
package avdaily.migrate;
