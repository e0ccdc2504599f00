//SOURCES ../package-info.java
//SOURCES CatalogSnapshot.java
//SOURCES ColumnChecks.java
//SOURCES ConstraintChecks.java
//SOURCES IgnoredRules.java
//SOURCES IndexChecks.java
//SOURCES LintFinding.java
//SOURCES LintRecord.java
//SOURCES LintReport.java
//SOURCES LintRule.java
//SOURCES LintRulesPage.java
//SOURCES Linter.java
//SOURCES Severity.java
//SOURCES StatementChange.java
//SOURCES StatementChecks.java
//SOURCES StatementTrace.java
//SOURCES StatementTracer.java
//SOURCES TableChecks.java
//SOURCES TableSizes.java
//SOURCES Violations.java
//FILES avdaily/migrate/lint/columns.sql=columns.sql
//FILES avdaily/migrate/lint/constraints.sql=constraints.sql
//FILES avdaily/migrate/lint/indexes.sql=indexes.sql
//FILES avdaily/migrate/lint/lint.sql=lint.sql

/**
 * Says which statements of migrations are dangerous for tables in use. The room runs each statement and compares the
 * catalogs, locks and scans before and after it. Nothing that it runs stays.
 */
package avdaily.migrate.lint;
