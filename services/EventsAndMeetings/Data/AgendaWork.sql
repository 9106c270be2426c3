-- What waits for somebody: with a day (due, then overdue), or a step without which nothing goes on (blocked, no day).
CREATE OR REPLACE FUNCTION agenda_work(today date) RETURNS TABLE (
    kind text, subject text, subject_id uuid, name text, body_id uuid, body_name text, detail text, due date, rule text)
LANGUAGE sql STABLE ROWS 200 AS $$
    SELECT 'occurrence-to-decide', 'series', o.series_id, t.title, s.body_id, b.name, o.original_date::text, o.date, format('Cae en asueto (%s): una persona decide', o.holiday)
    FROM series_occurrence o JOIN series_template t ON t.series_id = o.series_id AND t.number = o.template JOIN meeting_series s ON s.id = o.series_id
    LEFT JOIN organized_body b ON b.id = s.body_id
    WHERE o.state = 'needs-decision' AND o.date BETWEEN $1 - 60 AND $1 + 60
    UNION ALL
    -- From a week before the notice may go out, until the day itself.
    SELECT 'occurrence-to-open', 'series', o.series_id, t.title, s.body_id, b.name, o.original_date::text, o.date - r.notice_min_days,
           format('Se abre como reunión para convocarla %s a %s días antes', r.notice_min_days, r.notice_max_days)
    FROM series_occurrence o JOIN series_template t ON t.series_id = o.series_id AND t.number = o.template JOIN meeting_series s ON s.id = o.series_id
    JOIN organized_body b ON b.id = s.body_id
    JOIN LATERAL (SELECT * FROM meeting_rule r WHERE r.kind = t.kind AND r.effective_from <= o.date ORDER BY r.effective_from DESC LIMIT 1) r ON true
    WHERE o.meeting_id IS NULL AND o.state IN ('scheduled', 'moved') AND (b.ended_on IS NULL OR o.date <= b.ended_on) AND o.date >= $1 AND o.date - r.notice_max_days - 7 <= $1
    UNION ALL
    SELECT 'meeting-to-convene', 'meeting', m.id, m.title, m.body_id, b.name, m.starts_at::date::text, m.starts_at::date - r.notice_min_days,
           format('Se convoca de %s a %s días antes', r.notice_min_days, r.notice_max_days)
    FROM meeting m JOIN organized_body b ON b.id = m.body_id
    JOIN LATERAL (SELECT * FROM meeting_rule r WHERE r.kind = m.kind AND r.effective_from <= m.starts_at::date ORDER BY r.effective_from DESC LIMIT 1) r ON true
    WHERE m.state = 'planned' AND (b.ended_on IS NULL OR m.starts_at::date <= b.ended_on) AND m.starts_at::date - r.notice_max_days - 7 <= $1
    UNION ALL
    SELECT 'meeting-to-hold', 'meeting', m.id, m.title, m.body_id, b.name, m.starts_at::date::text, m.starts_at::date, 'Con la asistencia se anota cada convocatoria y su quórum'
    FROM meeting m JOIN organized_body b ON b.id = m.body_id WHERE m.state = 'convened' AND m.starts_at::date <= $1
    UNION ALL
    SELECT 'minutes-to-close', 'meeting', m.id, m.title, m.body_id, b.name, m.starts_at::date::text, m.starts_at::date + 8, 'El acta se cierra a los 8 días de la reunión (práctica de la unidad)'
    FROM meeting m JOIN organized_body b ON b.id = m.body_id
    WHERE m.state IN ('held', 'no-quorum') AND NOT EXISTS (SELECT 1 FROM minutes a WHERE a.meeting_id = m.id)
    UNION ALL
    SELECT CASE WHEN a.escalated_on IS NOT NULL THEN 'agreement-escalated' WHEN a.due_on < $1 THEN 'agreement-overdue' ELSE 'agreement-due' END, 'meeting', m.id, a.text, m.body_id, b.name,
           a.number || ': ' || a.responsible, a.due_on, 'Un acuerdo se sigue hasta que se cumple; vencido, llega a la jefatura'
    FROM meeting_agreement a JOIN meeting m ON m.id = a.meeting_id JOIN organized_body b ON b.id = m.body_id
    WHERE a.state <> 'fulfilled' AND a.due_on <= $1 + 7
    UNION ALL
    SELECT 'meeting-proposed', 'proposal', p.id, p.title, p.body_id, b.name, p.place, NULL, p.reason
    FROM meeting_proposal p LEFT JOIN organized_body b ON b.id = p.body_id WHERE p.state = 'open'
    UNION ALL
    -- Convocations go on paper anyway where there is no address; that a meeting is off, somebody has to carry there.
    SELECT 'notice-to-deliver', 'meeting', m.id, m.title, m.body_id, b.name, count(*)::text, min(m.starts_at::date),
           CASE m.state WHEN 'convened' THEN 'El correo no llegó: entregue la convocatoria impresa' ELSE 'No se avisó por correo: avise antes de la fecha que tenía' END
    FROM notice n JOIN meeting m ON m.id = n.meeting_id JOIN organized_body b ON b.id = m.body_id
    WHERE m.starts_at::date >= $1 AND n.about = m.state AND (n.state = 'failed' OR (n.state = 'print' AND m.state <> 'convened')) GROUP BY m.id, b.name
    UNION ALL
    SELECT 'event-results', 'event', e.id, e.title, NULL, e.organiser, e.ends_at::date::text, e.ends_at::date + 8, 'Los resultados se anotan a los 8 días del evento (práctica de la unidad)'
    FROM community_event e WHERE e.state = 'announced' AND e.ends_at::date < $1
    UNION ALL
    SELECT CASE WHEN r.answer_due < $1 THEN 'request-overdue' WHEN r.warn_from <= $1 THEN 'request-due-soon' ELSE 'request-to-answer' END, 'information-request', r.id, 'SI-' || r.year || '-' || r.number, NULL, NULL,
           (r.received_at AT TIME ZONE 'UTC' - interval '6 hours')::date::text, r.answer_due, format('Se responde en %s días hábiles (%s)', t.business_days, t.source)
    FROM information_request r JOIN LATERAL (SELECT * FROM answer_rule WHERE effective_from <= (r.received_at AT TIME ZONE 'UTC' - interval '6 hours')::date ORDER BY effective_from DESC LIMIT 1) t ON true
    WHERE r.state = 'received'
    UNION ALL
    SELECT 'edition-to-review', 'edition', e.id, 'Periódico mural ' || e.year || '-' || e.number, NULL, NULL, e.month::text, (e.submitted_at AT TIME ZONE 'UTC' - interval '6 hours')::date + 3,
           'Otra persona la revisa a los 3 días de presentada (práctica de la unidad)'
    FROM newspaper_edition e WHERE e.state = 'in-review'
    UNION ALL
    -- What hangs somewhere rests on something that a service took back.
    SELECT 'edition-to-take-down', 'edition', e.id, 'Periódico mural ' || e.year || '-' || e.number, NULL, NULL, p.place_path, NULL, 'Dice algo que se retiró después: quítela, o tache esa noticia'
    FROM newspaper_edition e JOIN newspaper_posting p ON p.edition_id = e.id
    WHERE p.taken_down_on IS NULL AND EXISTS (SELECT 1 FROM jsonb_path_query(e.items, '$[*].sources[*]') s JOIN public_news n ON n.id = (s #>> '{}')::uuid WHERE n.taken_back)
    UNION ALL
    -- What is read in the portal does as well.
    SELECT 'edition-to-take-back', 'edition', e.id, 'Periódico mural ' || e.year || '-' || e.number, NULL, NULL, e.month::text, NULL, 'Dice algo que se retiró después: retire también lo publicado de esta edición, o corríjalo'
    FROM newspaper_edition e
    WHERE e.state = 'approved' AND EXISTS (SELECT 1 FROM jsonb_path_query(e.items, '$[*].sources[*]') s JOIN public_news n ON n.id = (s #>> '{}')::uuid WHERE n.taken_back)
        AND NOT EXISTS (SELECT 1 FROM published_event p WHERE p.subject = e.id AND p.public_type = 'agenda.wall-newspaper.approved.v1' AND p.leaf IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM news_correction c WHERE c.subject = e.id AND c.words <> '')
    UNION ALL
    SELECT 'edition-to-post', 'edition', e.id, 'Periódico mural ' || e.year || '-' || e.number, NULL, NULL, e.month::text, (e.approved_at AT TIME ZONE 'UTC' - interval '6 hours')::date + 8,
           'Se coloca a los 8 días de aprobada (práctica de la unidad)'
    FROM newspaper_edition e WHERE e.state = 'approved' AND NOT EXISTS (SELECT 1 FROM newspaper_posting p WHERE p.edition_id = e.id)
    UNION ALL
    SELECT 'quarter-to-report', 'plan', p.id, p.unit, NULL, p.unit, p.year || '-' || q, (make_date(p.year, 3 * q, 1) + interval '1 month 14 days')::date,
           'El cumplimiento se informa al concejo cada trimestre'
    FROM annual_plan p CROSS JOIN generate_series(1, 4) q
    WHERE p.state = 'in-execution' AND (make_date(p.year, 3 * q, 1) + interval '1 month')::date <= $1
        AND NOT EXISTS (SELECT 1 FROM presented_report r WHERE r.plan_id = p.id AND r.quarter = q)
$$;
