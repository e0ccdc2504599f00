package avdaily.deploy;

import avdaily.db.Environment;
import avdaily.seed.Seeder;
import java.util.List;

/** What seeding an environment's data did, or would do. */
record Seeded(Environment environment, Seeder.Result result) {
    boolean changed() {
        return result.changed();
    }

    String summary() {
        return result.summary(environment);
    }

    List<?> json() {
        return result.tables().stream().map(Seeder.Count::json).toList();
    }
}
