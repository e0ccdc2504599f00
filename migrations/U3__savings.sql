-- Takes V3 back: drops its tables with their rows, those that refer to others first.

DROP TABLE wallets;
DROP TABLE transactions;
DROP TABLE savings_plans;
