package io.github.deletionpolicy.clinic;

import io.github.deletionpolicy.support.TestDatabase;
import org.junit.jupiter.api.Test;

import org.springframework.test.context.ActiveProfiles;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The clinic without policies.
 */
@ActiveProfiles("clinic")
class ClinicIT extends AbstractClinicIT {

	@DynamicPropertySource
	static void database(DynamicPropertyRegistry registry) {
		for (String property : TestDatabase.create().properties()) {
			String[] pair = property.split("=", 2);
			registry.add(pair[0], () -> pair[1]);
		}
		registry.add("deletion-policy.enabled", () -> false);
	}

	@Test
	void removesOwnersAndVets() {
		Owner owner = newOwner();
		this.owners.delete(owner);
		this.vets.delete(newVet());
		assertThat(rows("owners")).isEqualTo(7);
		assertThat(rows("pets")).isEqualTo(6);
		assertThat(rows("visits")).isEqualTo(4);
		assertThat(rows("vet_specialties")).isEqualTo(3);
	}

}
