package io.github.deletionpolicy.clinic;

import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.MappedCollection;
import org.springframework.data.relational.core.mapping.Table;

@Table("vets")
record Vet(@Id @Nullable Integer id, String firstName, String lastName,
		@MappedCollection(idColumn = "vet_id") Set<VetSpecialty> specialties) {

}
