package example;

import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.Table;

@Table("visits")
record Visit(@Id Long id, String text) {
}
