-- One booking as lumbar-booking sends it to PostgreSQL, statement by statement; run by tests/load/booking_load.mjs with pgbench.
-- What varies are pgbench's variables, sent as parameters like booking's.
\set n :n + 1
\set slot :base + :client_id * 1000000 + :n
\set clinician :slot % 32
\set first 10000000 + :slot / 32 * 8
\set last :first + 7
-- Whether the clinician, whose hours and licences decide, is as booking remembers.
SELECT revision FROM clinician WHERE name = 'clinicians/load-00';
-- CreateHold.
BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
INSERT INTO idempotency (caller, method, request_id, body_hash, response, create_time) VALUES (:caller, 'lumbar.booking.v1.BookingService/CreateHold', '0000' || md5(:slot), :hash, '', :now) ON CONFLICT (caller, method, request_id) DO NOTHING;
INSERT INTO patient_turn (patient, holds) VALUES ('patients/' || :slot, 1) ON CONFLICT (patient) DO UPDATE SET holds = patient_turn.holds + 1;
INSERT INTO hold (name, patient, state, expire_time, first_tick, last_tick, override_reason, body, waitlist_entry) SELECT 'holds/0000' || md5(:slot), 'patients/' || :slot, 1, CAST(:expiry AS BIGINT), CAST(:first AS BIGINT), CAST(:last AS BIGINT), '', CAST(:hold AS TEXT), '' WHERE (SELECT COUNT(*) FROM hold WHERE patient = 'patients/' || :slot AND expire_time > :now AND state = 1 AND waitlist_entry = '') < 5 OR CAST('' AS TEXT) <> '';
INSERT INTO tick (clinician, tick, owner, expire_time) WITH RECURSIVE wanted (tick) AS (SELECT CAST(:first AS BIGINT) UNION ALL SELECT tick + 1 FROM wanted WHERE tick < :last) SELECT 'clinicians/load-' || :clinician, tick, 'holds/0000' || md5(:slot), CAST(:expiry AS BIGINT) FROM wanted WHERE true ORDER BY tick ON CONFLICT (clinician, tick) DO NOTHING;
UPDATE idempotency SET response = :held WHERE caller = :caller AND method = 'lumbar.booking.v1.BookingService/CreateHold' AND request_id = '0000' || md5(:slot);
COMMIT;
-- ConfirmHold.
BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
INSERT INTO idempotency (caller, method, request_id, body_hash, response, create_time) VALUES (:caller, 'lumbar.booking.v1.BookingService/ConfirmHold', '0000' || md5(:slot), :hash, '', :now) ON CONFLICT (caller, method, request_id) DO NOTHING;
SELECT body, first_tick, last_tick, waitlist_entry FROM hold WHERE name = 'holds/0000' || md5(:slot);
UPDATE hold SET state = 2, body = :ended_hold WHERE name = 'holds/0000' || md5(:slot) AND state = 1;
UPDATE tick SET owner = 'appointments/0000' || md5(:slot), expire_time = NULL WHERE clinician = 'clinicians/load-' || :clinician AND tick BETWEEN :first AND :last AND owner = 'holds/0000' || md5(:slot);
INSERT INTO appointment (name, patient, clinician, start_time, version, first_tick, last_tick, body) VALUES ('appointments/0000' || md5(:slot), 'patients/' || :slot, 'clinicians/load-' || :clinician, CAST(:first AS BIGINT) * 300000000, 1, :first, :last, :appointment);
INSERT INTO outbox (event_id, appointment, version, due_time, lease_time, attempt, body) VALUES ('0000' || md5(:slot), 'appointments/0000' || md5(:slot), 1, :now, 0, 0, :event);
INSERT INTO change_log (appointment, version, change_time, state, clinician, left_clinician, body) VALUES ('appointments/0000' || md5(:slot), 1, :now, 1, 'clinicians/load-' || :clinician, '', :event);
UPDATE idempotency SET response = :confirmed WHERE caller = :caller AND method = 'lumbar.booking.v1.BookingService/ConfirmHold' AND request_id = '0000' || md5(:slot);
COMMIT;
