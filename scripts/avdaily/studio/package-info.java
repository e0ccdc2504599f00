//SOURCES ../monitor/package-info.java
//SOURCES Access.java
//SOURCES BackupPart.java
//SOURCES BrokenRules.java
//SOURCES Browser.java
//SOURCES Catalog.java
//SOURCES Cells.java
//SOURCES Column.java
//SOURCES DataPage.java
//SOURCES Diagram.java
//SOURCES DiagramLayout.java
//SOURCES DiagramPage.java
//SOURCES DiagramSvg.java
//SOURCES DriftState.java
//SOURCES EditPage.java
//SOURCES Entrance.java
//SOURCES Filter.java
//SOURCES Frame.java
//SOURCES Grid.java
//SOURCES Guard.java
//SOURCES HealthLook.java
//SOURCES Html.java
//SOURCES IntegrityPart.java
//SOURCES LastLook.java
//SOURCES Link.java
//SOURCES LintState.java
//SOURCES OperationsPage.java
//SOURCES OverviewPage.java
//SOURCES QueryJobs.java
//SOURCES QueryPage.java
//SOURCES ReadOnlySessions.java
//SOURCES Reference.java
//SOURCES Relation.java
//SOURCES Request.java
//SOURCES RequestThreads.java
//SOURCES Response.java
//SOURCES RowEdit.java
//SOURCES Rows.java
//SOURCES SchemaFacts.java
//SOURCES SchemaPage.java
//SOURCES Seal.java
//SOURCES Show.java
//SOURCES StaticPages.java
//SOURCES StudioPages.java
//SOURCES StudioServer.java
//SOURCES TablePage.java
//SOURCES TablePart.java
//SOURCES Visitor.java
//SOURCES WayOn.java
//FILES avdaily/studio/blocks.sql=blocks.sql
//FILES avdaily/studio/columns.sql=columns.sql
//FILES avdaily/studio/icon.svg=icon.svg
//FILES avdaily/studio/index-use.sql=index-use.sql
//FILES avdaily/studio/indexes.sql=indexes.sql
//FILES avdaily/studio/names.sql=names.sql
//FILES avdaily/studio/overview.sql=overview.sql
//FILES avdaily/studio/references.sql=references.sql
//FILES avdaily/studio/relations.sql=relations.sql
//FILES avdaily/studio/sessions.sql=sessions.sql
//FILES avdaily/studio/studio.css=studio.css
//FILES avdaily/studio/studio.js=studio.js

/**
 * Pages about one database for a browser of this machine. The room promises that it only reads, in transactions that
 * the server keeps from writing, but for a row that is changed by whoever asked for that at the start; that no text of
 * the database is more than text, and that nobody else is let in.
 */
package avdaily.studio;
