//SOURCES ../db/package-info.java
//SOURCES ForeignOptions.java
//SOURCES OneSchema.java
//SOURCES Schema.java
//SOURCES SchemaCatalog.java
//SOURCES SchemaChanged.java
//SOURCES SchemaColumns.java
//SOURCES SchemaComments.java
//SOURCES SchemaData.java
//SOURCES SchemaGrants.java
//SOURCES SchemaGraph.java
//SOURCES SchemaIndexes.java
//SOURCES SchemaRefreshes.java
//SOURCES SchemaRules.java
//SOURCES SchemaSequences.java
//SOURCES SchemaTableText.java
//SOURCES SchemaTables.java
//SOURCES SchemaTypes.java
//SOURCES SchemaUnsupported.java
//FILES avdaily/schema/aggregates.sql=aggregates.sql
//FILES avdaily/schema/columns.sql=columns.sql
//FILES avdaily/schema/comments.sql=comments.sql
//FILES avdaily/schema/composites.sql=composites.sql
//FILES avdaily/schema/default-privileges.sql=default-privileges.sql
//FILES avdaily/schema/domains.sql=domains.sql
//FILES avdaily/schema/functions.sql=functions.sql
//FILES avdaily/schema/indexes.sql=indexes.sql
//FILES avdaily/schema/privileges.sql=privileges.sql
//FILES avdaily/schema/put-on-members.sql=put-on-members.sql
//FILES avdaily/schema/ranges.sql=ranges.sql
//FILES avdaily/schema/sequences.sql=sequences.sql
//FILES avdaily/schema/settings.sql=settings.sql
//FILES avdaily/schema/tables-with-rows.sql=tables-with-rows.sql
//FILES avdaily/schema/tables.sql=tables.sql
//FILES avdaily/schema/text-search-configurations.sql=text-search-configurations.sql
//FILES avdaily/schema/unsupported-definitions.sql=unsupported-definitions.sql
//FILES avdaily/schema/unsupported-remarks.sql=unsupported-remarks.sql
//FILES avdaily/schema/unsupported.sql=unsupported.sql

/**
 * Reads a database's definitions from the catalogs, as statements that make them anew, and compares them by their text.
 * The room promises that two databases with the same text have the same schema, and names what it cannot read.
 */
package avdaily.schema;
