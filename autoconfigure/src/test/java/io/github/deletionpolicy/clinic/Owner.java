package io.github.deletionpolicy.clinic;

import java.util.HashSet;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.MappedCollection;
import org.springframework.data.relational.core.mapping.Table;

/**
 * An owner with their pets.
 */
@Table("owners")
class Owner {

	@Id
	@Nullable Integer id;

	String firstName;

	String lastName;

	String city;

	@MappedCollection(idColumn = "owner_id")
	Set<Pet> pets = new HashSet<>();

	Owner(String firstName, String lastName, String city) {
		this.firstName = firstName;
		this.lastName = lastName;
		this.city = city;
	}

	Pet pet(String name) {
		return this.pets.stream().filter((pet) -> pet.name.equals(name)).findFirst().orElseThrow();
	}

}
