package avdaily.backup;

import avdaily.db.Database;
import avdaily.db.DatabaseSettings;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;

/**
 * The statements that give a restore the settings of the database that is backed up. They come before the rows and
 * behind the definitions, which they may name.
 */
final class SettingsText {
    /** What every server has. */
    private static final Set<String> EVERYWHERE = Set.of(
            "TimeZone",
            "DateStyle",
            "IntervalStyle",
            "bytea_output",
            "extra_float_digits",
            "xmlbinary",
            "transform_null_equals");

    /** Locales, and files of abbreviations. */
    private static final Set<String> FILES_EVERYWHERE = Set.of("C", "POSIX", "Default", "Australia", "India");

    private static final String ABBREVIATIONS = "timezone_abbreviations";
    private static final String MONETARY = "lc_monetary";
    private static final String TAG = "$setting$";

    private static final String HAS_MONEY =
            """
            WITH money AS (SELECT unnest(ARRAY['money'::regtype, 'money[]'::regtype])::oid AS oid)
            SELECT EXISTS (SELECT FROM pg_attribute WHERE atttypid IN (SELECT oid FROM money) AND attrelid >= 16384)
                OR EXISTS (SELECT FROM pg_type WHERE typbasetype IN (SELECT oid FROM money))
                OR EXISTS (SELECT FROM pg_range WHERE rngsubtype IN (SELECT oid FROM money))""";

    /** The settings of the database of this connection, which copies its rows. */
    static String of(Connection c, Masking masks) throws SQLException {
        boolean hasMoney = Database.one(c, HAS_MONEY, Boolean.class);
        StringBuilder text = new StringBuilder();
        for (DatabaseSettings.Setting setting :
                DatabaseSettings.of(c, Database.one(c, "SELECT current_database()", String.class))) {
            Optional<String> value = masks.setting(setting.name(), setting.value());
            if (value.isEmpty()) continue;
            boolean isMonetary = setting.name().equals(MONETARY);
            DatabaseSettings.Setting given = isMonetary
                    ? new DatabaseSettings.Setting(MONETARY, current(c, MONETARY))
                    : new DatabaseSettings.Setting(setting.name(), value.get());
            boolean isFile = given.name().startsWith("lc_") || given.name().equals(ABBREVIATIONS);
            boolean isSure = EVERYWHERE.contains(given.name())
                    || isMonetary && hasMoney
                    || isFile && FILES_EVERYWHERE.contains(given.value());
            text.append(isSure ? given.statement() + ";\n" : tried(given));
        }
        return text.append('\n').toString();
    }

    /** How this session writes amounts of money is how a restore has to read them. */
    private static String current(Connection c, String setting) throws SQLException {
        return Database.one(c, "SELECT current_setting(?)", String.class, setting);
    }

    /** A server that lacks the locale, the extension or the right that it takes goes on without it. */
    private static String tried(DatabaseSettings.Setting setting) {
        String tag = TAG;
        while ((setting.name() + setting.value()).contains(tag)) tag = tag.replaceFirst("\\$$", "_\\$");
        String body =
                """
                BEGIN
                    PERFORM pg_catalog.set_config(%1$s, %2$s, false);
                EXCEPTION WHEN OTHERS THEN
                    RAISE WARNING 'the setting %% of the source: %%', %1$s, SQLERRM;
                END
                """
                        .formatted(Sql.literal(setting.name()), Sql.literal(setting.value()));
        return "DO " + tag + "\n" + body + tag + ";\n";
    }

    private SettingsText() {}
}
