package io.github.deletionpolicy.clinic;

import org.jspecify.annotations.Nullable;

import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.Table;

@Table("types")
record PetType(@Id @Nullable Integer id, String name) {

}
