package io.github.deletionpolicy.clinic;

import java.time.LocalDate;

import org.jspecify.annotations.Nullable;

import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.Table;

@Table("visits")
record Visit(@Id @Nullable Integer id, LocalDate visitDate, String description) {

}
