package avdaily.migrate.batch;

import java.util.List;

/**
 * The rows of one batch, by their keys.
 *
 * @param from where it begins; null, as is {@code to}, if there is no row
 * @param includesFrom whether the first key is part of it, as in the very first batch
 * @param rows how many there are
 */
record KeyRange(List<String> from, boolean includesFrom, List<String> to, long rows) {
    static final KeyRange NONE = new KeyRange(null, false, null, 0);
}
