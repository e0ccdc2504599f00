//SOURCES ../base/package-info.java
//SOURCES ../sql/package-info.java
//SOURCES ../db/package-info.java
//SOURCES ../schema/package-info.java
//SOURCES ../backup/package-info.java
//SOURCES ../integrity/package-info.java
//SOURCES ../restore/package-info.java
//SOURCES ../migrate/package-info.java
//SOURCES ../migrate/lint/package-info.java
//SOURCES ../seed/package-info.java
//SOURCES Configuration.java
//SOURCES DeployFindings.java
//SOURCES DeployPlan.java
//SOURCES DeployReport.java
//SOURCES Deployment.java
//SOURCES DeploymentRecovery.java
//SOURCES EnvironmentPolicy.java
//SOURCES Hooks.java
//SOURCES InterruptedDeployment.java
//SOURCES MaintenanceWindow.java
//SOURCES OperationHistory.java
//SOURCES Preflight.java
//SOURCES PreflightCheck.java
//SOURCES SchemaState.java
//SOURCES SmokeQueries.java
//SOURCES Thresholds.java

/**
 * Deploys: checks, backs up, migrates, seeds and validates as one deed, by the policy of the environment, and takes back what
 * fails or was killed. The room promises the old state or the new one, whole, and says which.
 */
package avdaily.deploy;
