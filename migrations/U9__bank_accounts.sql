-- Takes V9 back: drops its table with its rows.

DROP TABLE bank_accounts;
