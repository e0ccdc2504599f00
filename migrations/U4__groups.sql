-- Takes V4 back: drops its tables with their rows, those that refer to others first.

DROP TABLE group_invitations;
DROP TABLE group_payouts;
DROP TABLE group_contributions;
DROP TABLE group_members;
DROP TABLE ajo_groups;
