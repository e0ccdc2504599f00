//SOURCES ../base/package-info.java
//SOURCES ../sql/package-info.java
//SOURCES ../db/package-info.java
//SOURCES Schema.java
//SOURCES SchemaCatalog.java
//SOURCES SchemaComments.java
//SOURCES SchemaData.java
//SOURCES SchemaGrants.java
//SOURCES SchemaGraph.java
//SOURCES SchemaRules.java
//SOURCES SchemaTables.java
//SOURCES SchemaTypes.java

/**
 * Reads a database's definitions from the catalogs, as statements that make them anew, and compares them by their text.
 * The room promises that two databases with the same text have the same schema, and names what it cannot read.
 */
package avdaily.schema;
