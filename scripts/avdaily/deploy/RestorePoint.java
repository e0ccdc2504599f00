package avdaily.deploy;

import java.util.List;
import java.util.Optional;

/**
 * What a database is to be brought back to.
 *
 * @param state where the schema stood
 * @param backup of that moment; none if there was no table yet
 * @param rowsChanged whether rows may have been changed since in a way that undo scripts do not know: seeded, or
 *     deleted by a migration
 * @param migrations the titles of those that the deployment is to apply: any other was applied before
 */
record RestorePoint(SchemaState state, Optional<MadeBackup> backup, boolean rowsChanged, List<String> migrations) {}
