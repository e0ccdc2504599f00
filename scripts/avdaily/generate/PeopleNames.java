package avdaily.generate;

import avdaily.seed.LocaleNames;

/** First names and family names of made-up people, the same for the same row. */
public interface PeopleNames {
    /** Those of AV-Daily's people, if nobody names a locale. */
    PeopleNames OF_NIGERIA = new PeopleNames() {
        @Override
        public String first(CounterRandom random, long row) {
            return Names.first(random, row);
        }

        @Override
        public String family(CounterRandom random, long row) {
            return Names.family(random, row);
        }
    };

    String first(CounterRandom random, long row);

    String family(CounterRandom random, long row);

    static PeopleNames of(LocaleNames names) {
        return new PeopleNames() {
            private static final long FIRST = CounterRandom.stream("locale.first_name");
            private static final long FAMILY = CounterRandom.stream("locale.family_name");

            @Override
            public String first(CounterRandom random, long row) {
                return names.pick(LocaleNames.Part.FIRST, random.bits(FIRST, row));
            }

            @Override
            public String family(CounterRandom random, long row) {
                return names.pick(LocaleNames.Part.FAMILY, random.bits(FAMILY, row));
            }
        };
    }
}
