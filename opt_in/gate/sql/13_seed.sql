-- Registered with this release.

INSERT INTO consent.kind (kind, class, origin, enqueued_by) VALUES
    ('contact.code',      'security',         'platform', 'school'),
    ('school.message',    'school_service',   'school',   'school'),
    ('campaign.proposed', 'platform_service', 'platform', 'gate'),
    ('ledger.checkpoint', 'platform_service', 'platform', 'gate'),
    ('vendor.campaign',   'vendor_marketing', 'vendor',   'gate');

-- Carries what belongs to no school. It has no role, so nobody can act as it, and it is never live.
INSERT INTO consent.school (school_id, role_name, names, folded_names, country, languages, time_zone, stage, registered_at)
VALUES ('00000000-0000-0000-0000-000000000000', NULL, '{"en": "Zgoda"}', '{}', 'SI', '{en}', 'UTC', 'onboarding',
        clock_timestamp());
INSERT INTO consent.school_lock VALUES
    ('00000000-0000-0000-0000-000000000000', 'school'),
    ('00000000-0000-0000-0000-000000000000', 'vendor');

INSERT INTO consent.sender (sender_id, origin, school_id, display_name, address, has_one_click, has_stop_word) VALUES
    ('platform', 'platform', NULL, 'Zgoda', 'notices@zgoda.example', false, false),
    ('zgoda-offers', 'vendor', NULL, 'Zgoda offers', 'offers@zgoda.example', true, false),
    ('zgoda-offers-sms', 'vendor', NULL, 'ZgodaOffers', 'ZGODA', false, true);

INSERT INTO consent.notice (notice_id, purpose, language, version, body, approved_at) VALUES
    ('0b6f0a52-4d0c-4b0e-9d67-0d8b7a6c1e01', 'vendor_offers', 'en', 1,
     'I agree that the company that runs this e-diary sends me offers for its paid packages through the channel I chose. My school allowed it to ask. I lose nothing if I say no, I can withdraw at any time in one step, and my agreement ends on 31 August.',
     clock_timestamp()),
    ('0b6f0a52-4d0c-4b0e-9d67-0d8b7a6c1e02', 'vendor_offers', 'sl', 1,
     'Strinjam se, da mi podjetje, ki upravlja ta e-dnevnik, po izbranem kanalu pošilja ponudbe svojih plačljivih paketov. Šola mu je dovolila, da me vpraša. Če odklonim, nisem prikrajšan za nič; soglasje lahko kadar koli prekličem v enem koraku in preneha 31. avgusta.',
     clock_timestamp()),
    ('0b6f0a52-4d0c-4b0e-9d67-0d8b7a6c1e03', 'vendor_offers', 'pl', 1,
     'Zgadzam się, aby firma prowadząca ten e-dziennik przesyłała mi wybranym kanałem oferty swoich płatnych pakietów. Szkoła pozwoliła jej o to zapytać. Odmowa nic mnie nie kosztuje, zgodę mogę wycofać w każdej chwili jednym krokiem, a wygasa ona 31 sierpnia.',
     clock_timestamp()),
    ('0b6f0a52-4d0c-4b0e-9d67-0d8b7a6c1e04', 'vendor_offers', 'uk', 1,
     'Я погоджуюся, щоб компанія, яка веде цей електронний щоденник, надсилала мені обраним каналом пропозиції своїх платних пакетів. Школа дозволила їй запитати мене. Відмова нічого мене не позбавляє, згоду можна відкликати будь-коли одним кроком, і вона діє до 31 серпня.',
     clock_timestamp());
