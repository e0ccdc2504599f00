-- Takes V5 back: drops its tables with their rows, those that refer to others first.

DROP TABLE scheduled_notifications;
DROP TABLE push_tokens;
DROP TABLE notification_preferences;
DROP TABLE notifications;
