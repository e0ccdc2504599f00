package avdaily.generate;

import java.util.Arrays;

/** Names of Nigeria, by people, so that first name and family name come from the same one. */
public final class Names {
    private record People(int weight, String[] women, String[] men, String[] families) {}

    private static final People[] PEOPLES = {
        people(
                30,
                "Abimbola Adebimpe Adenike Aderonke Adunni Bisola Bolanle Bukola Damilola Folake Funmilayo Ibukun "
                        + "Iyabo Kehinde Modupe Morenike "
                        + "Olayinka Omolara Ronke Simisola Temitope Titilayo Yetunde Yewande",
                "Adebayo Adekunle Ademola Ayodele Babajide Babatunde Damola Femi Gbenga Ibrahim Idowu Jide Kolawole "
                        + "Kunle Olamide Olumide Olusegun "
                        + "Oluwaseun Rotimi Sola Taiwo Tunde Wale Yemi",
                "Adebayo Adeleke Ademola Adeniyi Adeoye Afolabi Ajayi Akinola Akintola Alabi Aluko Ayoola Babalola "
                        + "Balogun Bankole Fashola Idowu "
                        + "Odunsi Ogunleye Ojo Oladipo Olatunji Oyelaran Soyinka"),
        people(
                28,
                "Adaeze Adaobi Amaka Amarachi Chiamaka Chidinma Chinwe Chioma Ebele Ebere Ezinne Ifeoma Ifunanya "
                        + "Kosisochukwu Ngozi Nkechi Nkiru "
                        + "Nneka Obiageli Ogechi Onyinye Uchenna Ugochi Uzoma",
                "Arinze Chibuike Chidi Chidubem Chigozie Chijioke Chinedu Chukwuemeka Ebuka Emeka Ifeanyi Ikechukwu "
                        + "Ikenna Kelechi Kenechukwu "
                        + "Nnamdi Obinna Okechukwu Okey Onyekachi Tobenna Uche Ugochukwu Uzochukwu",
                "Achebe Agu Anyanwu Azikiwe Chukwu Egwu Ekwueme Eze Ezeani Ibekwe Igwe Madu Mbah Nnaji Nwachukwu "
                        + "Nwankwo Nwosu Obi Obiora Okafor "
                        + "Okeke Okonkwo Onwudiwe Onyeka"),
        people(
                24,
                "Aisha Amina Asmau Bilkisu Fatima Fadila Habiba Hadiza Hafsat Halima Hauwa Jamila Khadija Ladi Maryam "
                        + "Nafisa Rabi Rahama Safiya "
                        + "Salamatu Sa'adatu Talatu Zainab Zulai",
                "Abdullahi Abubakar Adamu Ahmadu Aliyu Aminu Bala Bashir Danjuma Garba Habib Haruna Ibrahim Idris "
                        + "Ismaila Kabiru Lawal Mahmud "
                        + "Muhammadu Musa Nasiru Sani Tijani Usman",
                "Abdullahi Abubakar Adamu Aliyu Bala Bello Dangana Danladi Gambo Garba Gwarzo Hassan Ibrahim Idris "
                        + "Jibril Lawan Mohammed Musa Sambo "
                        + "Shehu Suleiman Umar Usman Yakubu"),
        people(
                9,
                "Aniekan Arit Atim Ekaette Eme Emem Enoh Idara Imabong Ime Iniobong Mfon Nkoyo Nsikak Unwana Uduak",
                "Akpan Aniefiok Asuquo Edet Effiong Ekpo Essien Etim Idongesit Imoh Inyang Itoro Nse Okon Ubong Ufot",
                "Akpabio Archibong Bassey Ekanem Ekong Essien Etuk Eyo Inyang Nkanga Okon Udo Udofia Ukpong Umoh "
                        + "Umoren"),
        people(
                9,
                "Adesuwa Aimeyi Ehi Esohe Itohan Iyobosa Ivie Nosakhare Omosede Osaretin Osarugue Oseremen Oyemwen "
                        + "Uwa Uyi Yuwa",
                "Aigbe Ehigie Ehis Eghosa Imuetinyan Itua Iyare Nosa Odion Osagie Osahon Osaro Osaze Oseiwe Osifo "
                        + "Uyiosa",
                "Agbonlahor Aigbokhan Ehigiator Eghobamien Idahosa Igbinedion Ighodaro Iyamu Obaseki Ogbeide Ogbomo "
                        + "Omoregie Osagie Osunde Oviawe "
                        + "Uwaifo")
    };
    private static final int[] WEIGHTS =
            Arrays.stream(PEOPLES).mapToInt(People::weight).toArray();

    private static final long PEOPLE = CounterRandom.stream("user.people");
    private static final long WOMAN = CounterRandom.stream("user.woman");
    private static final long FIRST = CounterRandom.stream("user.first_name");
    private static final long FAMILY = CounterRandom.stream("user.family_name");

    private static People people(int weight, String women, String men, String families) {
        return new People(weight, women.split(" "), men.split(" "), families.split(" "));
    }

    public static String first(CounterRandom random, long row) {
        People people = of(random, row);
        return random.pick(random.below(2, WOMAN, row) == 0 ? people.women : people.men, FIRST, row);
    }

    public static String family(CounterRandom random, long row) {
        return random.pick(of(random, row).families, FAMILY, row);
    }

    private static People of(CounterRandom random, long row) {
        return PEOPLES[random.weighted(WEIGHTS, PEOPLE, row)];
    }

    private Names() {}
}
