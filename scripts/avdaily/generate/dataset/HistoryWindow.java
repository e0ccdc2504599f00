package avdaily.generate.dataset;

import java.time.DayOfWeek;
import java.time.LocalDate;

/**
 * The days of a history, numbered from 0; the last one is the day before {@code asOf}. Wall clocks show Lagos time, as
 * the seeds' do.
 */
final class HistoryWindow {
    final LocalDate asOf;
    final int days;
    private final long first;
    private final boolean[] salary;
    private final boolean[] sunday;
    private final boolean[] monthsLast;

    HistoryWindow(LocalDate asOf, int days) {
        this.asOf = asOf;
        this.days = days;
        this.first = asOf.toEpochDay() - days;
        salary = new boolean[days];
        sunday = new boolean[days];
        monthsLast = new boolean[days];
        for (int i = 0; i < days; i++) {
            LocalDate date = date(i);
            salary[i] = date.getDayOfMonth() >= 25;
            sunday[i] = date.getDayOfWeek() == DayOfWeek.SUNDAY;
            monthsLast[i] = date.getDayOfMonth() == date.lengthOfMonth();
        }
    }

    LocalDate date(int day) {
        return LocalDate.ofEpochDay(first + day);
    }

    long epochDay(int day) {
        return first + day;
    }

    /** The number of a date; days of the future have one too. */
    int day(LocalDate date) {
        return (int) (date.toEpochDay() - first);
    }

    /** The week in which salaries come in. */
    boolean isSalaryWeek(int day) {
        return salary[day];
    }

    boolean isSunday(int day) {
        return sunday[day];
    }

    boolean isMonthsLast(int day) {
        return monthsLast[day];
    }

    /** Market days come every fourth day: Eke, Orie, Afo and Nkwo take turns. */
    boolean isMarketDay(int day, int market) {
        return Math.floorMod(first + day, 4) == market;
    }

    long second(int day, int secondOfDay) {
        return (first + day) * 86_400 + secondOfDay;
    }
}
