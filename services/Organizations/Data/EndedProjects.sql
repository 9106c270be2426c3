-- Projects that are over: no committee is asked for any more.
CREATE TABLE ended_project (
    id       uuid PRIMARY KEY,
    ended_on date NOT NULL
);
