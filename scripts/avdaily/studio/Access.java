package avdaily.studio;

/** What a studio may be used for. */
enum Access {
    READ("These pages only read; nothing here is a click away from changing the database."),
    WRITE("Rows are changed one by one; each change is shown before it is made, and is taken back by a button.");

    /** What stands below every page. */
    final String footer;

    Access(String footer) {
        this.footer = footer;
    }
}
