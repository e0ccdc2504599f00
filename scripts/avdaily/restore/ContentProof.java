package avdaily.restore;

import avdaily.backup.TableSums;
import avdaily.base.Failure;
import avdaily.db.Database;
import java.util.List;
import java.util.Set;

/** That the rows of a restored database are those of the backup, by the sums that the backup tells. */
final class ContentProof {
    /** @throws Failure if a table has other rows; a backup that tells no sums proves nothing */
    static void ifTold(DumpReader dump, Database restored) throws Exception {
        if (ContentComparison.toldBy(dump) == null) return;
        Set<String> withMoney = TableSums.withMoney(restored);
        List<String> different = ContentComparison.of(ComparedContent.of(dump), ComparedContent.of(restored)).stream()
                .filter(one -> one.verdict() == ContentComparison.Verdict.DIFFERENT && !withMoney.contains(one.table()))
                .map(ContentComparison.Difference::table)
                .toList();
        if (!different.isEmpty())
            throw new Failure(
                    Failure.Kind.ERROR,
                    "restored, these tables have other rows than the backup: " + String.join(", ", different),
                    "nothing was changed; see what changes rows while they are restored, or use another backup.",
                    null);
    }

    private ContentProof() {}
}
