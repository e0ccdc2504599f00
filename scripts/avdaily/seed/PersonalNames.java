package avdaily.seed;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Which columns tell who somebody is, by their names in any spelling: firstName, first_name, "First name". */
final class PersonalNames {
    enum Kind {
        EMAIL,
        PHONE,
        NAME,
        FIRST_NAME(NAME),
        FAMILY_NAME(NAME),
        BIRTH,
        OTHER,
        CITY(OTHER),
        STREET(OTHER);

        private final Kind like;

        Kind() {
            this(null);
        }

        Kind(Kind like) {
            this.like = like;
        }

        /** What it is one of: the same value of both has the same mask. */
        Kind general() {
            return like == null ? this : like;
        }
    }

    /** What is longer is no name that somebody gave; the keys of a document may be of any length. */
    private static final int LONGEST = 200;

    private static final Pattern EMAIL = Pattern.compile("(.*_)?(e?_?mail|correo|courriel)(_?(address|id))?(_?\\d+)?");
    private static final Pattern PHONE = Pattern.compile(
            "(.*_)?(tele?phone?n?|tele?fon[eo]?|phone|mobile?|movil|cell|cellphone|celular|handy|gsm|msisdn|whatsapp"
                    + "|fax|telefax|tel|homephone|workphone|emergency_contact)"
                    + "(_?(number|no|num|nr|home|work|mobile|ext|extension|\\d))*|contact_?(no|number)");
    private static final Pattern FIRST_NAME =
            Pattern.compile("(.*_)?((first|given|middle|f)_?name|forename|vorname|prenom|prénom|nombre)(_?\\d+)?");
    private static final Pattern FAMILY_NAME = Pattern.compile("(.*_)?((last|family|maiden|l)_?name|surname|nachname"
            + "|familienname|apellidos?|cognome|sobrenome)(_?\\d+)?");
    private static final Pattern NAME =
            Pattern.compile("(.*_)?((full|account|contact|legal|user|card|holder|beneficiary"
                    + "|mothers?|display|screen|nick|real|customer|client|guest|patient|employee|owner|ship|recipient"
                    + "|sender|author|billing|shipping|cardholder)_?name|nickname"
                    + "|next_of_kin(_name)?|spouse|recipient|beneficiary|payee|payer|addressee|attn|attention|guardian"
                    + "|(account|card)_?holder|emergency_contact_name"
                    + "|(twitter|instagram|telegram|facebook|linkedin|skype|discord|tiktok|snapchat|github)"
                    + "(_(handle|url|id|user|link|profile|account))?)(_?\\d+)?"
                    + "|author|contact|login|contact_person|(.*_)?contact_name");
    private static final Pattern BIRTH =
            Pattern.compile("(.*_)?(date_of_birth|birth_?(date|day|year|month|place)?|dob|born|yob|geburtsdatum"
                    + "|geburtstag|date_(de_)?naissance|fecha_(de_)?nacimiento|data_(de_)?nascimento)(_on|_at)?");
    private static final Pattern CITY =
            Pattern.compile("(.*_)?(city|town|suburb|ort|wohnort|ville|ciudad|cidade)(_?\\d+)?");
    private static final Pattern STREET =
            Pattern.compile("(.*_)?(street|stra(ss|ß)e|rue|calle|rua)(_?(line|name))?(_?\\d+)?");
    private static final Pattern OTHER = Pattern.compile(
            "(.*_)?(addr(ess)?(_?line)?|house_?(no|number|nr)|hausnummer|apartment|apt|post_?code|postal_?code|zip"
                    + "|zip_?code|plz"
                    + "|ip|ip_?addr(ess)?|user_?agent|device_?(id|name)|mac_?address|imei|imsi|android_id|idfa"
                    + "|government_id.*|bvn|nin|passport(_.*)?|national_id|tax_?(id|number|no|code)|vat_?(id|number|no)"
                    + "|ssn|aadhaar(_?(no|number))?|cpf|cnpj|curp|dni|nif|nie|bsn|pesel|personnummer|codice_fiscale"
                    + "|steuer_?(id|nummer)|mrn|social_security(_?(number|no))?|sin|nhs_?number|iban|bic"
                    + "|bank_?account(_?(number|no))?"
                    + "|account_?(number|no)|(credit_?|debit_?)?card(_?(number|no|num))?|credit_card"
                    + "|cc_?(number|no|num)|pan"
                    + "|routing_?number"
                    + "|sort_?code|driv(er|ers|ing)_?licen[cs]e(_?(number|no))?|licen[cs]e_?(plate|number)"
                    + "|plate_?number"
                    + "|lat|latitude|lng|lon|longitude|geo_?location|coordinates"
                    + "|image|selfie|avatar|photo|picture|signature|public_key"
                    + "|body|message|notes?|comment|bio|(invite|invitation|referral)_?code)"
                    + "(_?(url|uri|line)?_?\\d*)?");

    /** What the columns of a name hold; the first pattern that fits decides. */
    private static final List<Map.Entry<Kind, Pattern>> COLUMNS = List.of(
            Map.entry(Kind.EMAIL, EMAIL),
            Map.entry(Kind.PHONE, PHONE),
            Map.entry(Kind.FIRST_NAME, FIRST_NAME),
            Map.entry(Kind.FAMILY_NAME, FAMILY_NAME),
            Map.entry(Kind.NAME, NAME),
            Map.entry(Kind.BIRTH, BIRTH),
            Map.entry(Kind.CITY, CITY),
            Map.entry(Kind.STREET, STREET),
            Map.entry(Kind.OTHER, OTHER));

    /** Whether the rows of a table are people, so that a plain name is one's. */
    static boolean isOfPeople(TableCatalog.Table table) {
        return table.columns().keySet().stream()
                .map(PersonalNames::plain)
                .anyMatch(name -> List.of(EMAIL, PHONE, BIRTH, FIRST_NAME, FAMILY_NAME).stream()
                        .anyMatch(pattern -> pattern.matcher(name).matches()));
    }

    /** What a column holds, or null. */
    static Kind kind(String column, boolean ofPeople) {
        String name = plain(column);
        if (name.length() > LONGEST) return null;
        for (Map.Entry<Kind, Pattern> columns : COLUMNS)
            if (columns.getValue().matcher(name).matches()
                    || columns.getKey() == Kind.NAME && ofPeople && name.equals("name")) return columns.getKey();
        return null;
    }

    /** The name in small letters with underscores. */
    static String plain(String column) {
        return column.replaceAll("([a-z0-9])([A-Z])", "$1_$2")
                .replaceAll("[\\s./-]+", "_")
                .toLowerCase(Locale.ROOT);
    }

    private PersonalNames() {}
}
