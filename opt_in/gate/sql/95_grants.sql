-- Who may execute what. Nothing else is granted: no runtime login reads or writes a table of this schema.

REVOKE ALL ON ALL TABLES IN SCHEMA consent FROM PUBLIC, gate_school, zgoda_owner, app_school, app_vendor, app_public, app_keeper,
    app_dispatch, ledger_witness;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA consent FROM PUBLIC, gate_school, zgoda_owner, app_school, app_vendor, app_public, app_keeper,
    app_dispatch, ledger_witness;
REVOKE ALL ON SCHEMA consent FROM PUBLIC;
GRANT USAGE ON SCHEMA consent TO gate_school, zgoda_owner, app_school, app_vendor, app_public, app_keeper, app_dispatch, ledger_witness;

GRANT EXECUTE ON FUNCTION
    consent.go_live(uuid), consent.suspend(uuid),
    consent.authorise(uuid, text[], text[], text[], text, timestamptz, timestamptz), consent.revoke(uuid, text),
    consent.record_resolution(uuid, text, date, int, int, int, text[], text[], bytea), consent.confirm_resolution(uuid, uuid),
    consent.approve_content(uuid, uuid, bytea), consent.reject_content(uuid, uuid, text),
    consent.give_consent(uuid, uuid, text, text, uuid, int, uuid, text), consent.refuse_consent(uuid, uuid, text, text),
    consent.withdraw_consent(uuid, uuid, text, text), consent.object_to_vendor(uuid, uuid),
    consent.put_subjects(jsonb), consent.put_contacts(jsonb), consent.erase_subject(uuid),
    consent.add_suppression(text, bytea, text), consent.expand(uuid), consent.waiting_campaigns(),
    consent.enqueue(text, uuid, text, uuid, bytea, bytea, text, timestamptz, timestamptz),
    consent.proposals(), consent.campaign_content(uuid), consent.instructions(), consent.resolutions(), consent.consents_of(uuid),
    consent.notices(), consent.envelopes(int, uuid), consent.decision_of(uuid), consent.ledger(text, bigint, int),
    consent.ledger_heads(), consent.checkpoints(), consent.counts(uuid),
    consent.envelopes_of(uuid, int, uuid), consent.explain(uuid), consent.forecast(uuid),
    consent.timeline(date, date, text, boolean, int, int), consent.timeline_days(date, date, text, boolean),
    consent.suppressions_of(uuid)
TO gate_school;

GRANT EXECUTE ON FUNCTION consent.schools_to_expand() TO app_school;

GRANT EXECUTE ON FUNCTION
    consent.propose(jsonb), consent.stop_campaign(uuid), consent.set_kill_switch(text, text, boolean),
    consent.campaigns(), consent.verdicts(uuid), consent.kill_switches(), consent.tallies(uuid)
TO app_vendor;

GRANT EXECUTE ON FUNCTION
    consent.judge(int), consent.sweep(int), consent.tally(), consent.make_checkpoint(uuid), consent.make_checkpoints()
TO app_keeper;

GRANT EXECUTE ON FUNCTION
    consent.due(int, int, int, text[]), consent.claim(uuid[]), consent.take(uuid[]), consent.campaign_content(uuid),
    consent.complete(uuid, text, text, text), consent.report_feedback(uuid, text),
    consent.provider_events(int), consent.finish_provider_event(bigint), consent.stop_by_address(text, bytea),
    consent.report_delivery(uuid, boolean)
TO app_dispatch;

GRANT EXECUTE ON FUNCTION
    consent.withdraw_by_token(text), consent.object_by_token(text), consent.explain_by_token(text),
    consent.put_provider_event(bytea, bytea)
TO app_public;

GRANT EXECUTE ON FUNCTION
    consent.register_school(uuid, text, jsonb, text, text[], text), consent.rename_school(uuid, jsonb),
    consent.register_sender(text, text, text, boolean, boolean)
TO zgoda_owner;

GRANT EXECUTE ON FUNCTION
    consent.read_ledger(uuid, text, bigint, int), consent.read_checkpoints(uuid)
TO ledger_witness;

GRANT EXECUTE ON FUNCTION consent.registered_kinds()
TO zgoda_owner, app_school, app_vendor, app_public, app_keeper, app_dispatch, ledger_witness;
