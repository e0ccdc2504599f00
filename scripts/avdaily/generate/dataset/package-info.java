//SOURCES ../package-info.java
//SOURCES AjoGroup.java
//SOURCES AppRows.java
//SOURCES BaseRoles.java
//SOURCES Cohort.java
//SOURCES GroupRows.java
//SOURCES HistoryWindow.java
//SOURCES MoneyMovement.java
//SOURCES MoneyRows.java
//SOURCES PeopleRows.java
//SOURCES Person.java
//SOURCES PersonSimulation.java
//SOURCES PopulationFactory.java
//SOURCES RowWriter.java
//SOURCES SavingsDataset.java
//SOURCES SavingsPlan.java

/**
 * AV-Daily's people at volume. Persons, savings plans and ajo groups are made cohort by cohort, and all tables tell the
 * same story of them.
 */
package avdaily.generate.dataset;
