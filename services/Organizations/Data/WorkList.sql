-- What waits for somebody: with a day that the law set (due, then overdue), or a step without which nothing goes on and
-- to which the law sets no day (blocked). Each with the rule that it follows from.
CREATE FUNCTION work_items(today date) RETURNS TABLE (
    kind text, subject text, subject_id uuid, name text, place_id uuid, place_path text, promoter text, detail text, due date, state text, rule text, source text)
LANGUAGE sql STABLE ROWS 500 AS $$
    WITH item AS (
        SELECT 'members-missing' AS kind, a.id, (SELECT count(*) FROM association_member m WHERE m.association_id = a.id AND (m.left_on IS NULL OR m.left_on >= $1)) || ' de ' || r.minimum_members AS detail,
               NULL::date AS due, format('Se constituye con %s miembros', r.minimum_members) AS rule, r.source
        FROM association a JOIN association_ruleset r ON r.code = a.ruleset
        WHERE a.state = 'forming' AND (SELECT count(*) FROM association_member m WHERE m.association_id = a.id AND (m.left_on IS NULL OR m.left_on >= $1)) < r.minimum_members
        UNION ALL
        SELECT 'assembly-to-hold', a.id, '', NULL, 'Se constituye en asamblea general extraordinaria, ante el alcalde o su delegado', r.source
        FROM association a JOIN association_ruleset r ON r.code = a.ruleset
        WHERE a.state = 'forming' AND (SELECT count(*) FROM association_member m WHERE m.association_id = a.id AND (m.left_on IS NULL OR m.left_on >= $1)) >= r.minimum_members
        UNION ALL
        SELECT 'application-to-file', a.id, '', NULL, 'La solicitud lleva acta de constitución, estatutos y nómina', r.source
        FROM association a JOIN association_ruleset r ON r.code = a.ruleset WHERE a.state = 'constituted'
        UNION ALL
        SELECT 'council-to-resolve', a.id, '', a.resolution_due, format('El concejo resuelve en %s días%s; su silencio concede la personería', r.resolution_days, days.counted), r.source
        FROM association a JOIN association_ruleset r ON r.code = a.ruleset
        CROSS JOIN LATERAL (SELECT CASE p.counting WHEN 'business-days' THEN ' hábiles' ELSE '' END AS counted
                            FROM day_count_policy p WHERE p.effective_from <= a.filed_on ORDER BY p.effective_from DESC LIMIT 1) days
        WHERE a.state IN ('application-filed', 'corrected')
        UNION ALL
        SELECT 'defects-to-correct', a.id, '', a.correction_due, format('Los defectos se subsanan en %s días%s; después la solicitud se archiva', r.correction_days, days.counted), r.source
        FROM association a JOIN association_ruleset r ON r.code = a.ruleset
        CROSS JOIN LATERAL (SELECT CASE p.counting WHEN 'business-days' THEN ' hábiles' ELSE '' END AS counted
                            FROM day_count_policy p WHERE p.effective_from <= a.observed_on ORDER BY p.effective_from DESC LIMIT 1) days
        WHERE a.state = 'observed'
        UNION ALL
        SELECT 'register-entry', a.id, '', NULL, 'Con la personería, la asociación se inscribe en el libro de registro', r.source
        FROM association a JOIN association_ruleset r ON r.code = a.ruleset WHERE a.state IN ('resolved', 'granted-by-law')
        UNION ALL
        SELECT 'gazette', a.id, '', NULL, 'Acuerdo y estatutos se publican en el Diario Oficial', r.source
        FROM association a JOIN association_ruleset r ON r.code = a.ruleset WHERE a.state = 'registered'
        UNION ALL
        SELECT 'credential', a.id, '', NULL, 'La junta trabaja con su credencial, que vence con el período', r.source
        FROM association a JOIN association_ruleset r ON r.code = a.ruleset
        WHERE a.state = 'published' OR (a.state = 'active' AND NOT EXISTS (
            SELECT 1 FROM board_term t JOIN document d ON d.board_term_id = t.id AND d.withdrawn_on IS NULL
            WHERE t.association_id = a.id AND $1 BETWEEN t.first_day AND t.last_day))
        UNION ALL
        SELECT 'board-to-elect', a.id, '', a.board_until, format('El período de la junta es de %s meses; se avisa con %s días', r.board_term_months, array_to_string(r.expiry_warning_days, ', ')), r.source
        FROM association a JOIN association_ruleset r ON r.code = a.ruleset
        WHERE a.state IN ('active', 'board-expired') AND a.board_until <= $1 + (SELECT max(d) FROM unnest(r.expiry_warning_days) d)
        UNION ALL
        SELECT 'board-to-report', a.id, '', t.report_due, format('La nueva junta se informa al concejo en %s días', r.board_report_days), r.source
        FROM association a JOIN association_ruleset r ON r.code = a.ruleset JOIN board_term t ON t.association_id = a.id
        WHERE t.report_due IS NOT NULL AND t.reported_on IS NULL AND t.last_day >= $1 AND a.state NOT IN ('archived', 'dissolved', 'cancelled')
        UNION ALL
        SELECT 'post-vacant', a.id, s.post, NULL, 'Cada cargo de la junta tiene quien lo ocupe', r.source
        FROM association a JOIN association_ruleset r ON r.code = a.ruleset
        JOIN board_term t ON t.association_id = a.id AND $1 BETWEEN t.first_day AND t.last_day
        JOIN LATERAL (SELECT post FROM board_seat s WHERE s.board_term_id = t.id AND s.post NOT LIKE 'substitute%'
                      GROUP BY post HAVING NOT bool_or($1 BETWEEN s.first_day AND s.last_day)) s ON true
        WHERE a.state IN ('resolved', 'granted-by-law', 'registered', 'published', 'active')
        UNION ALL
        SELECT 'annual-filing', a.id, extract(year FROM $1)::text, make_date(extract(year FROM $1)::int, 1, 31), 'Nómina de miembros y plan de trabajo se presentan cada enero', r.source
        FROM association a JOIN association_ruleset r ON r.code = a.ruleset
        WHERE a.state IN ('registered', 'published', 'active', 'board-expired') AND a.recognized_on < make_date(extract(year FROM $1)::int, 1, 1)
            AND NOT EXISTS (SELECT 1 FROM annual_filing f WHERE f.association_id = a.id AND f.year = extract(year FROM $1)::int)
        UNION ALL
        SELECT 'dissolution-to-settle', a.id, '', NULL, 'La disolución termina con la liquidación y el acuerdo del concejo', r.source
        FROM association a JOIN association_ruleset r ON r.code = a.ruleset WHERE a.state = 'dissolving'
        UNION ALL
        SELECT 'entry-to-close', a.id, b.kind || ' ' || e.entry, NULL, 'Un asiento se cierra para que ya no cambie', 'Estatutos'
        FROM book_entry e JOIN book b ON b.id = e.book_id JOIN association a ON a.id = b.association_id WHERE e.closed_at IS NULL)
    SELECT i.kind, 'association', a.id, a.name, a.place_id, p.path, a.promoter, i.detail, i.due,
           CASE WHEN i.due IS NULL THEN 'blocked' WHEN i.due < $1 THEN 'overdue' ELSE 'due' END, i.rule, i.source
    FROM item i JOIN association a ON a.id = i.id JOIN place p ON p.id = a.place_id
    UNION ALL
    SELECT 'committee-incomplete', 'committee', c.id, c.name, c.place_id, p.path, c.promoter, n.members || ' de ' || k.minimum_members, NULL, 'blocked',
           format('%s lleva al menos %s integrantes', k.name, k.minimum_members), k.source
    FROM committee c JOIN committee_kind k ON k.code = c.kind JOIN place p ON p.id = c.place_id
    CROSS JOIN LATERAL (SELECT count(*) AS members FROM committee_member m
                        WHERE m.committee_id = c.id AND NOT m.alternate AND (m.left_on IS NULL OR m.left_on >= $1)) n
    WHERE c.dissolved_on IS NULL AND n.members < k.minimum_members
    UNION ALL
    SELECT 'committee-to-form', 'project', q.project_id, q.project_name, q.place_id, q.place_path, 'unassigned', q.kind, NULL, 'blocked',
           'Antes de la orden de inicio se forman el comité ejecutor y el contralor', k.source
    FROM committee_request q JOIN committee_kind k ON k.code = q.kind WHERE q.committee_id IS NULL
$$;
CREATE INDEX book_entry_draft ON book_entry (book_id) WHERE closed_at IS NULL;
CREATE INDEX board_term_unreported ON board_term (association_id) WHERE report_due IS NOT NULL AND reported_on IS NULL;
