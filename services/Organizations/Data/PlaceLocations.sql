-- Where places are on the map: the middle of each, in degrees (WGS 84).
CREATE TABLE place_location (
    id        uuid PRIMARY KEY REFERENCES place,
    version   bigint NOT NULL,
    latitude  numeric(6, 4) NOT NULL CHECK (latitude BETWEEN 12.9 AND 14.6),
    longitude numeric(7, 4) NOT NULL CHECK (longitude BETWEEN -90.3 AND -87.6)
);
