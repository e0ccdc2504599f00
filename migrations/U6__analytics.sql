-- Takes V6 back: drops its tables with their rows, those that refer to others first.

DROP TABLE rewards;
DROP TABLE savings_milestones;
DROP TABLE daily_analytics;
DROP TABLE user_analytics;
