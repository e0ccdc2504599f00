package avdaily.deploy;

import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.db.Lock;
import java.sql.SQLException;

/** The lock of deployments to one database: only its holder deploys, rolls back or takes back. */
final class DeployLock implements AutoCloseable {
    private static final String NAME = "deploy";
    /** Until a session that was ended has let go. */
    private static final int ATTEMPTS = 5;

    private final Database db;
    private Lock lock;

    private DeployLock(Database db, Lock lock) {
        this.db = db;
        this.lock = lock;
    }

    /** @throws Failure (23) naming who deploys just now */
    static DeployLock take(Database db) throws SQLException {
        try {
            return new DeployLock(db, Lock.take(db, NAME, 1));
        } catch (Failure e) {
            if (e.kind != Failure.Kind.LOCKED || !Lock.endStrangers(db, NAME)) throw e;
            return new DeployLock(db, Lock.take(db, NAME, ATTEMPTS));
        }
    }

    /** @throws SQLException if the session that holds the lock died */
    void verify() throws SQLException {
        lock.verify();
    }

    /**
     * Takes the lock anew if its session died, as a restore by swap ends it.
     *
     * @throws Failure (23) if another deployment has begun meanwhile
     */
    void renew() throws SQLException {
        try {
            lock.verify();
        } catch (SQLException dead) {
            lock.close();
            lock = Lock.take(db, NAME, 1);
        }
    }

    @Override
    public void close() throws SQLException {
        lock.close();
    }
}
