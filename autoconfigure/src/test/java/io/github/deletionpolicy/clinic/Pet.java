package io.github.deletionpolicy.clinic;

import java.time.LocalDate;
import java.util.HashSet;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.data.annotation.Id;
import org.springframework.data.jdbc.core.mapping.AggregateReference;
import org.springframework.data.relational.core.mapping.Column;
import org.springframework.data.relational.core.mapping.MappedCollection;
import org.springframework.data.relational.core.mapping.Table;

/**
 * A pet with its visits. Its type belongs to nobody.
 */
@Table("pets")
class Pet {

	@Id
	@Nullable Integer id;

	String name;

	LocalDate birthDate;

	@Column("type_id")
	AggregateReference<PetType, Integer> type;

	@MappedCollection(idColumn = "pet_id")
	Set<Visit> visits = new HashSet<>();

	Pet(String name, LocalDate birthDate, AggregateReference<PetType, Integer> type) {
		this.name = name;
		this.birthDate = birthDate;
		this.type = type;
	}

}
