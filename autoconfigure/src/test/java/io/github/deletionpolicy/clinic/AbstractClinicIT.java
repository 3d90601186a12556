package io.github.deletionpolicy.clinic;

import java.time.LocalDate;
import java.util.Set;

import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.data.domain.Page;
import org.springframework.data.domain.PageRequest;
import org.springframework.data.domain.Sort;
import org.springframework.data.jdbc.core.mapping.AggregateReference;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the clinic does, whether it has policies or not.
 */
@SpringBootTest(classes = ClinicApplication.class, webEnvironment = WebEnvironment.NONE)
@Transactional
abstract class AbstractClinicIT {

	@Autowired
	Owners owners;

	@Autowired
	Vets vets;

	@Autowired
	PetTypes types;

	@Autowired
	JdbcClient jdbc;

	@Test
	void findsOwnersByLastName() {
		assertThat(this.owners.findByLastNameStartingWith("Davis", PageRequest.of(0, 5))).hasSize(2);
		assertThat(this.owners.findByLastNameStartingWith("Daviss", PageRequest.of(0, 5))).isEmpty();
	}

	@Test
	void showsOwnersPageByPage() {
		Page<Owner> second = this.owners.findByLastNameStartingWith("", PageRequest.of(1, 5, Sort.by("lastName")));
		assertThat(second.getTotalElements()).isEqualTo(7);
		assertThat(second).extracting((owner) -> owner.lastName).containsExactly("McTavish", "Rodriquez");
		assertThat(this.owners.findAll(PageRequest.of(0, 3, Sort.by("id"))).getTotalPages()).isEqualTo(3);
	}

	@Test
	void findsAnOwnerWithPetsAndVisits() {
		Owner jean = this.owners.findById(6).orElseThrow();
		assertThat(jean.pets).extracting((pet) -> pet.name).containsExactlyInAnyOrder("Samantha", "Max");
		assertThat(jean.pet("Max").visits).extracting(Visit::description)
			.containsExactlyInAnyOrder("rabies shot", "neutered");
		assertThat(jean.pet("Max").type.getId()).isOne();
	}

	@Test
	void savesAnOwnerWithANewPet() {
		Owner owner = this.owners.findById(6).orElseThrow();
		owner.pets.add(new Pet("Bowser", LocalDate.of(2024, 2, 29), AggregateReference.to(2)));
		this.owners.save(owner);
		assertThat(this.owners.findById(6).orElseThrow().pets).hasSize(3);
	}

	@Test
	void addsAVisit() {
		Owner owner = this.owners.findById(6).orElseThrow();
		owner.pet("Max").visits.add(new Visit(null, LocalDate.of(2026, 1, 5), "flea"));
		this.owners.save(owner);
		assertThat(this.owners.findById(6).orElseThrow().pet("Max").visits).hasSize(3);
		assertThat(rows("visits")).isEqualTo(5);
	}

	@Test
	void changesAnOwner() {
		Owner owner = this.owners.findById(1).orElseThrow();
		owner.lastName = "Franklinx";
		this.owners.save(owner);
		assertThat(this.owners.findById(1).orElseThrow().lastName).isEqualTo("Franklinx");
	}

	@Test
	void listsVetsWithTheirSpecialties() {
		assertThat(this.vets.findAll()).extracting((vet) -> vet.specialties().size())
			.containsExactlyInAnyOrder(0, 1, 2);
	}

	@Test
	void listsTypesByName() {
		assertThat(this.types.findAllByOrderByName()).extracting(PetType::name)
			.containsExactly("cat", "dog", "lizard", "snake");
	}

	@Test
	void removesATypeThatNoPetHas() {
		this.types.deleteById(4);
		assertThat(this.types.count()).isEqualTo(3);
	}

	Owner newOwner() {
		Owner owner = new Owner("Ann", "Lee", "Verona");
		Pet pet = new Pet("Rex", LocalDate.of(2020, 1, 1), AggregateReference.to(2));
		pet.visits.add(new Visit(null, LocalDate.of(2026, 1, 5), "flea"));
		pet.visits.add(new Visit(null, LocalDate.of(2026, 2, 5), "tooth"));
		owner.pets.add(pet);
		owner.pets.add(new Pet("Tom", LocalDate.of(2021, 1, 1), AggregateReference.to(1)));
		return this.owners.save(owner);
	}

	Vet newVet() {
		return this.vets.save(new Vet(null, "Rafael", "Ortega",
				Set.of(new VetSpecialty(AggregateReference.to(1)), new VetSpecialty(AggregateReference.to(2)))));
	}

	long rows(String table) {
		return this.jdbc.sql("SELECT count(*) FROM " + table).query(Long.class).single();
	}

}
