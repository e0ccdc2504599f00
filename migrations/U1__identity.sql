-- Takes V1 back: drops its tables with their rows, those that refer to others first.

DROP TABLE phone_verification;
DROP TABLE kyc_verification;
DROP TABLE biometric_auth;
DROP TABLE verification;
DROP TABLE session;
DROP TABLE account;
DROP TABLE "user";
