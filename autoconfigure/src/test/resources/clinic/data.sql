INSERT INTO vets (first_name, last_name) VALUES ('James', 'Carter'), ('Helen', 'Leary'), ('Linda', 'Douglas');
INSERT INTO specialties (name) VALUES ('radiology'), ('surgery'), ('dentistry');
INSERT INTO vet_specialties VALUES (2, 1), (3, 2), (3, 3);
INSERT INTO types (name) VALUES ('cat'), ('dog'), ('lizard'), ('snake');
INSERT INTO owners (first_name, last_name, city) VALUES ('George', 'Franklin', 'Madison'), ('Betty', 'Davis', 'Sun Prairie'),
	('Eduardo', 'Rodriquez', 'McFarland'), ('Harold', 'Davis', 'Windsor'), ('Peter', 'McTavish', 'Madison'),
	('Jean', 'Coleman', 'Monona'), ('Jeff', 'Black', 'Monona');
INSERT INTO pets (name, birth_date, type_id, owner_id) VALUES ('Leo', '2010-09-07', 1, 1), ('Basil', '2012-08-06', 3, 2),
	('Rosy', '2011-04-17', 2, 3), ('Jewel', '2010-03-07', 2, 3), ('Samantha', '2012-09-04', 1, 6), ('Max', '2012-09-04', 1, 6);
INSERT INTO visits (pet_id, visit_date, description) VALUES (5, '2013-01-01', 'rabies shot'), (6, '2013-01-02', 'rabies shot'),
	(6, '2013-01-03', 'neutered'), (5, '2013-01-04', 'spayed');
