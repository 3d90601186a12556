package io.github.deletionpolicy.clinic;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.RestoreResult;
import io.github.deletionpolicy.support.TestDatabase;
import io.github.deletionpolicy.test.PurgeRunner;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.ActiveProfiles;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The clinic with policies that its properties say. Its code is the same.
 */
@ActiveProfiles({ "clinic", "clinic-policies" })
class ClinicWithPoliciesIT extends AbstractClinicIT {

	@Autowired
	private DeleteTemplate deletes;

	@Autowired
	private PurgeRunner purges;

	@DynamicPropertySource
	static void database(DynamicPropertyRegistry registry) {
		for (String property : TestDatabase.create().properties()) {
			String[] pair = property.split("=", 2);
			registry.add(pair[0], () -> pair[1]);
		}
	}

	@Test
	@Transactional(propagation = Propagation.NOT_SUPPORTED)
	void keepsAnOwnerUntilTheDelayIsOver() {
		int id = Objects.requireNonNull(newOwner().id);
		this.owners.deleteById(id);
		assertThat(marked("owners")).isOne();
		assertThat(marked("pets")).isEqualTo(2);
		assertThat(marked("visits")).isEqualTo(2);
		assertThat(purgeAfter(29)).isZero();

		RestoreResult undone = this.deletes.restoreFrom(Owner.class).byId(id).execute();
		assertThat(undone.rows()).isOne();
		assertThat(undone.cascaded()).containsEntry("public.pets", 2L).containsEntry("public.visits", 2L);
		assertThat(marked("owners") + marked("pets") + marked("visits")).isZero();
		assertThat(this.owners.findById(id).orElseThrow().pet("Rex").visits).hasSize(2);

		this.owners.delete(this.owners.findById(id).orElseThrow());
		assertThat(purgeAfter(31)).isEqualTo(5);
		assertThat(this.owners.findById(id)).isEmpty();
		assertThat(rows("owners")).isEqualTo(7);
		assertThat(rows("pets")).isEqualTo(6);
		assertThat(rows("visits")).isEqualTo(4);
	}

	@Test
	@Transactional(propagation = Propagation.NOT_SUPPORTED)
	void keepsTheSpecialtiesOfAVet() {
		Vet vet = newVet();
		this.vets.delete(vet);
		assertThat(marked("vets")).isOne();
		assertThat(rows("vet_specialties")).isEqualTo(5);

		this.deletes.restoreFrom("vets").byId(Objects.requireNonNull(vet.id())).execute();
		assertThat(this.vets.findById(vet.id())).contains(vet);

		this.vets.delete(vet);
		assertThat(purgeAfter(91)).isOne();
		assertThat(this.vets.count()).isEqualTo(3);
		assertThat(rows("vet_specialties")).isEqualTo(3);
	}

	@Test
	void removesAVetAtOnceIfToldSo() {
		Vet vet = newVet();
		this.deletes.from(Vet.class).byId(Objects.requireNonNull(vet.id())).hard().execute();
		assertThat(this.vets.count()).isEqualTo(3);
		assertThat(rows("vet_specialties")).isEqualTo(3);
	}

	@Test
	void aPetThatIsTakenFromItsOwnerIsGone() {
		Owner owner = newOwner();
		owner.pets.remove(owner.pet("Rex"));
		this.owners.save(owner);
		assertThat(rows("pets")).isEqualTo(7);
		assertThat(marked("pets")).isZero();
		assertThat(rows("visits")).isEqualTo(4);
	}

	private long marked(String table) {
		return rows(table + " WHERE deletion_time IS NOT NULL");
	}

	private long purgeAfter(int days) {
		return this.purges.runDueAsOf(Instant.now().plus(Duration.ofDays(days))).total();
	}

}
