//DEPS com.fasterxml.uuid:java-uuid-generator:5.2.0
//SOURCES ../seed/package-info.java
//SOURCES BinaryCopyBuffer.java
//SOURCES BulkLoad.java
//SOURCES CheckTrial.java
//SOURCES CompoundMakers.java
//SOURCES CounterRandom.java
//SOURCES DraftColumn.java
//SOURCES Names.java
//SOURCES PeopleNames.java
//SOURCES Progress.java
//SOURCES Recipe.java
//SOURCES RecipeDraft.java
//SOURCES RecipeFile.java
//SOURCES RecipeReader.java
//SOURCES RecipeRow.java
//SOURCES RecipeTable.java
//SOURCES RowSource.java
//SOURCES ValueMaker.java
//SOURCES ValueMakers.java
//FILES avdaily/generate/recipe-checks.sql=recipe-checks.sql
//FILES avdaily/generate/recipe-columns.sql=recipe-columns.sql
//FILES avdaily/generate/recipe-references.sql=recipe-references.sql

/**
 * Fills a database with a volume of made-up rows: AV-Daily's people with a past, or tables by a recipe. The room
 * promises that the same seed gives the same rows on every machine, in bounded memory.
 */
package avdaily.generate;
