-- Each reading of a public calendar asks what was taken back of the days in it: answered from here alone.
CREATE INDEX public_news_delivery_day ON public_news (subject, type, id, taken_back) WHERE type LIKE 'distribution.delivery-day.%';
