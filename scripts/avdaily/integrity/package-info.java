//DEPS com.fasterxml.jackson.dataformat:jackson-dataformat-yaml:2.22.4
//SOURCES ../backup/package-info.java
//SOURCES AcceptedFindings.java
//SOURCES CheckReport.java
//SOURCES Checker.java
//SOURCES Defects.java
//SOURCES DefinitionFixes.java
//SOURCES DerivedRules.java
//SOURCES FindingKey.java
//SOURCES Fixer.java
//SOURCES Html.java
//SOURCES HtmlCharts.java
//SOURCES HtmlReport.java
//SOURCES HtmlRules.java
//SOURCES HtmlTrend.java
//SOURCES JunitReport.java
//SOURCES Quarantine.java
//SOURCES ReportStyle.java
//SOURCES Rule.java
//SOURCES RuleFiles.java
//SOURCES RuleParser.java
//SOURCES RuleQueries.java
//SOURCES RuleResult.java
//SOURCES RuleSql.java
//SOURCES SnapshotConnection.java
//SOURCES TextReport.java
//SOURCES YamlNodes.java
//FILES avdaily/integrity/constraints-of-rules.sql=constraints-of-rules.sql
//FILES avdaily/integrity/sequences-of-columns.sql=sequences-of-columns.sql
//FILES avdaily/integrity/tables-of-rules.sql=tables-of-rules.sql
//FILES avdaily/integrity/unique-and-not-null.sql=unique-and-not-null.sql
//FILES scripts/avdaily/integrity/defects.yaml=defects.yaml
//FILES scripts/avdaily/integrity/integrity.yaml=integrity.yaml
//FILES scripts/avdaily/integrity/structure.yaml=structure.yaml

/**
 * Checks data against rules that are data themselves, on one snapshot, and puts right what can be put right. The room
 * promises that a rule that could not be checked never counts as passed, and that every fix can be undone.
 */
package avdaily.integrity;
