//SOURCES ../base/package-info.java
//SOURCES ../sql/package-info.java
//SOURCES ../db/package-info.java
//SOURCES ../schema/package-info.java
//SOURCES ../backup/package-info.java
//SOURCES ../integrity/package-info.java
//SOURCES ../restore/package-info.java
//SOURCES ../migrate/package-info.java
//SOURCES ../seed/package-info.java
//SOURCES Audit.java
//SOURCES Configuration.java
//SOURCES DeployCheck.java
//SOURCES DeployChecks.java
//SOURCES DeployFindings.java
//SOURCES DeployPlan.java
//SOURCES DeployReport.java
//SOURCES Deployment.java
//SOURCES Hooks.java
//SOURCES Interrupted.java
//SOURCES Smoke.java
//SOURCES State.java
//SOURCES Strategy.java
//SOURCES TakeBack.java
//SOURCES Thresholds.java
//SOURCES Window.java

/**
 * Deploys: checks, backs up, migrates, seeds and validates as one deed, by the policy of the environment, and takes back what
 * fails or was killed. The room promises the old state or the new one, whole, and says which.
 */
package avdaily.deploy;
