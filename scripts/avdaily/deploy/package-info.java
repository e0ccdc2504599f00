//SOURCES ../restore/package-info.java
//SOURCES ../migrate/lint/package-info.java
//SOURCES ../seed/package-info.java
//SOURCES AllowedSigners.java
//SOURCES ApprovalText.java
//SOURCES Approvers.java
//SOURCES BoundText.java
//SOURCES Configuration.java
//SOURCES DeployFindings.java
//SOURCES DeployLock.java
//SOURCES DeployMarkdown.java
//SOURCES DeployPlan.java
//SOURCES DeployProgress.java
//SOURCES DeployReport.java
//SOURCES DeployResult.java
//SOURCES DeployStep.java
//SOURCES Deployment.java
//SOURCES DeploymentRecord.java
//SOURCES DeploymentRecovery.java
//SOURCES DeploymentRollback.java
//SOURCES EnvironmentPolicy.java
//SOURCES HookFiles.java
//SOURCES Hooks.java
//SOURCES InterruptedDeployment.java
//SOURCES LintCheck.java
//SOURCES MadeBackup.java
//SOURCES MaintenanceWindow.java
//SOURCES OperationHistory.java
//SOURCES Origin.java
//SOURCES PlanBinding.java
//SOURCES PlanLines.java
//SOURCES Preflight.java
//SOURCES PreflightCheck.java
//SOURCES Prepared.java
//SOURCES Release.java
//SOURCES RestorePoint.java
//SOURCES Resumption.java
//SOURCES SchemaState.java
//SOURCES SeedSource.java
//SOURCES Seeded.java
//SOURCES SmokeQueries.java
//SOURCES SshSignature.java
//SOURCES Thresholds.java
//FILES avdaily/deploy/deployment-table.sql=deployment-table.sql
//FILES avdaily/deploy/indexes.sql=indexes.sql
//FILES avdaily/deploy/older-tables.sql=older-tables.sql
//FILES avdaily/deploy/sessions-in-the-way.sql=sessions-in-the-way.sql

/**
 * Deploys: checks, backs up, migrates, seeds and validates as one deed, by the policy of the environment. What fails or
 * was killed is taken back. The room promises the old state or the new one, whole, and says which.
 */
package avdaily.deploy;
