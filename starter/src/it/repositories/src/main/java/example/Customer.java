package example;

import java.util.Set;

import org.springframework.data.annotation.Id;
import org.springframework.data.annotation.Version;
import org.springframework.data.relational.core.mapping.MappedCollection;
import org.springframework.data.relational.core.mapping.Table;

@Table("live_customers")
record Customer(@Id Long id, String name, @Version int version,
		@MappedCollection(idColumn = "customer") Set<Phone> phones) {

	@Table("phones")
	record Phone(String number) {
	}

}
