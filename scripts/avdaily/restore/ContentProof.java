package avdaily.restore;

import avdaily.backup.TableSums;
import avdaily.base.Failure;
import avdaily.db.Database;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** That the rows of a restored database are those of the backup, by the sums that the backup tells. */
final class ContentProof {
    /**
     * Whether all rows are proven: no rows are by a backup that tells no sums.
     *
     * @throws Failure if a table has other rows
     */
    static boolean isGiven(DumpReader dump, Database restored) throws Exception {
        if (ContentComparison.toldBy(dump) == null) return false;
        Set<String> withMoney = TableSums.withMoney(restored);
        Map<Boolean, List<String>> different =
                ContentComparison.of(ComparedContent.of(dump), ComparedContent.of(restored)).stream()
                        .filter(one -> one.verdict() == ContentComparison.Verdict.DIFFERENT)
                        .map(ContentComparison.Difference::table)
                        .collect(Collectors.partitioningBy(withMoney::contains));
        if (!different.get(false).isEmpty())
            throw new Failure(
                    Failure.Kind.ERROR,
                    "restored, these tables have other rows than the backup: "
                            + String.join(", ", different.get(false)),
                    "nothing was changed; see what changes rows while they are restored, or use another backup.",
                    null);
        List<String> counted = different.get(true);
        if (!counted.isEmpty())
            restored.out()
                    .note("Of tables with amounts of money, which may have another text here, the rows were counted "
                            + "alone: " + String.join(", ", counted) + ".");
        return counted.isEmpty();
    }

    private ContentProof() {}
}
