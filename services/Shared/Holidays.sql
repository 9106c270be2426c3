-- Holidays of El Salvador, 2010 to 2035: national ones (Código de Trabajo, art. 190) and those on which public
-- offices close besides. Data, because the Assembly changes them: a new law is a new row.
CREATE TABLE holiday (
    date  date NOT NULL,
    name  text NOT NULL,
    scope text NOT NULL CHECK (scope IN ('national', 'public-sector')),
    PRIMARY KEY (date, name)
);

INSERT INTO holiday (date, name, scope)
SELECT make_date(y, h.month, h.day), h.name, h.scope
FROM generate_series(2010, 2035) y,
     (VALUES (1, 1, 'Año Nuevo', 'national'),
             (5, 1, 'Día del Trabajo', 'national'),
             (5, 10, 'Día de la Madre', 'national'),
             (6, 17, 'Día del Padre', 'national'),
             (8, 6, 'Divino Salvador del Mundo', 'national'),
             (9, 15, 'Día de la Independencia', 'national'),
             (11, 2, 'Día de los Difuntos', 'national'),
             (12, 25, 'Navidad', 'national'),
             (1, 2, 'Vacación de fin de año', 'public-sector'),
             (8, 1, 'Fiestas agostinas', 'public-sector'),
             (8, 2, 'Fiestas agostinas', 'public-sector'),
             (8, 3, 'Fiestas agostinas', 'public-sector'),
             (8, 4, 'Fiestas agostinas', 'public-sector'),
             (8, 5, 'Fiestas agostinas', 'public-sector'),
             (12, 24, 'Vacación de fin de año', 'public-sector'),
             (12, 26, 'Vacación de fin de año', 'public-sector'),
             (12, 27, 'Vacación de fin de año', 'public-sector'),
             (12, 28, 'Vacación de fin de año', 'public-sector'),
             (12, 29, 'Vacación de fin de año', 'public-sector'),
             (12, 30, 'Vacación de fin de año', 'public-sector'),
             (12, 31, 'Vacación de fin de año', 'public-sector')) AS h (month, day, name, scope);

-- Holy Week, counted from Easter Sunday: the days from Thursday to Saturday are national.
INSERT INTO holiday (date, name, scope)
SELECT easter - d, 'Semana Santa', CASE WHEN d <= 3 THEN 'national' ELSE 'public-sector' END
FROM (VALUES (date '2010-04-04'), ('2011-04-24'), ('2012-04-08'), ('2013-03-31'), ('2014-04-20'), ('2015-04-05'),
             ('2016-03-27'), ('2017-04-16'), ('2018-04-01'), ('2019-04-21'), ('2020-04-12'), ('2021-04-04'),
             ('2022-04-17'), ('2023-04-09'), ('2024-03-31'), ('2025-04-20'), ('2026-04-05'), ('2027-03-28'),
             ('2028-04-16'), ('2029-04-01'), ('2030-04-21'), ('2031-04-13'), ('2032-03-28'), ('2033-04-17'),
             ('2034-04-09'), ('2035-03-25')) AS sundays (easter), generate_series(1, 6) AS d;
