-- Projects that are over: nobody needs to meet to elect their committees.
CREATE TABLE ended_project (
    id       uuid PRIMARY KEY,
    ended_on date NOT NULL
);
