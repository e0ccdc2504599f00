package avdaily.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import avdaily.sql.SqlFile;
import java.util.List;
import org.junit.jupiter.api.Test;

public class DumpStatementTest {
    /** Other indexes than B-trees are not sorted: some take many times as long if memory is short. */
    @Test
    void treesAreTold() {
        for (String tree : List.of(
                "CREATE INDEX a ON public.t USING btree (b)",
                "CREATE UNIQUE INDEX \"a using\" ON public.t (b)",
                "ALTER TABLE ONLY public.t ADD CONSTRAINT t_pkey PRIMARY KEY (id)",
                "ALTER TABLE ONLY public.t ADD CONSTRAINT t_key UNIQUE NULLS NOT DISTINCT (id) INCLUDE (b)"))
            assertEquals(true, isTree(tree), tree);
        for (String other : List.of(
                "CREATE INDEX a ON public.t USING gin (b)",
                "CREATE INDEX a ON public.t USING hnsw (b public.vector_l2_ops)",
                "CREATE INDEX a ON public.t USING \"my method\" (b)",
                "ALTER TABLE ONLY public.t ADD CONSTRAINT t_excl EXCLUDE USING gist (b WITH &&)",
                "ALTER TABLE ONLY public.t ADD CONSTRAINT t_fkey FOREIGN KEY (a) REFERENCES public.u(id)",
                "CREATE TABLE public.t (a integer)"))
            assertEquals(false, isTree(other), other);
    }

    private static boolean isTree(String sql) {
        return DumpStatement.of(new SqlFile.Statement(1, sql)).isTree();
    }
}
